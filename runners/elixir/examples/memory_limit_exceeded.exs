defmodule Endless do
  def keep(kept), do: keep([String.duplicate(String.duplicate("x", 1024), 1024) | kept])
end

Endless.keep([])

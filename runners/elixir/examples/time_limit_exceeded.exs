defmodule Endless do
  def count(n), do: count(rem(n + 1, 1000))
end

Endless.count(0)

defmodule Endless do
  def print do
    IO.puts(String.duplicate("x", 1000))
    print()
  end
end

Endless.print()

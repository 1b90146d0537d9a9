object Main {
  @volatile var n = 0L

  def main(arguments: Array[String]): Unit = while (true) n += 1
}

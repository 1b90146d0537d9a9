object Main {
  def main(arguments: Array[String]): Unit = while (true) println("x" * 1000)
}

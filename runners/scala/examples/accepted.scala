object Squares {
  def main(arguments: Array[String]): Unit = {
    val n = scala.io.StdIn.readLong()
    println(n * n)
  }
}

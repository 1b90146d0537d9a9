object Main extends App {
  val n = scala.io.StdIn.readLong()
  println(n + n)
}

object Main {
  def main(arguments: Array[String]): Unit = {
    val kept = scala.collection.mutable.ArrayBuffer[Array[Byte]]()
    while (true) kept += new Array[Byte](1 << 20)
  }
}

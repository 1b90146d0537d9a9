fun main() {
    val n = readLine()!!.trim().toLong()
    println(n * n)
    throw IllegalStateException("after the right answer")
}

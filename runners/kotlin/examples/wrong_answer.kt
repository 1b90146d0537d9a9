fun main() {
    val n = readLine()!!.trim().toLong()
    println(n + n)
}

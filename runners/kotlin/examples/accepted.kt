fun square(n: Long) = n * n

fun main() {
    println(square(readLine()!!.trim().toLong()))
}

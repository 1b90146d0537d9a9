fn main() {
    let n: i64 = undeclared;
    println!("{}", n * n);
}

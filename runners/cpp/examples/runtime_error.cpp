#include <iostream>
#include <stdexcept>

int main() {
    long n;
    std::cin >> n;
    std::cout << n * n << std::endl;
    throw std::runtime_error("after the right answer");
}

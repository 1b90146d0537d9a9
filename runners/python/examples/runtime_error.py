n = int(input())
print(n * n)
raise ValueError("after the right answer")

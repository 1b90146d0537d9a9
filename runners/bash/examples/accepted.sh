read -r n
echo $((n * n))

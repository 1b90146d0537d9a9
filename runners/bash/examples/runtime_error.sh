read -r n
echo $((n * n))
exit 1

kept = []
loop { kept << "x" * 2**20 }

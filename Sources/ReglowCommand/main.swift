print("reglow")

import Reglow

/// The arguments of the command with all their bytes, which `CommandLine.arguments` has only where they are UTF-8.
func commandArguments() -> [String] {
    (1 ..< max(1, Int(CommandLine.argc))).compactMap { index in
        CommandLine.unsafeArgv[index].map { PathName.decode(cString: $0) }
    }
}

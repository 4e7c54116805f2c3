import Foundation

/// A number of the thread that calls.
func currentThread() -> UInt { UInt(pthread_self()) }

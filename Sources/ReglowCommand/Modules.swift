// What every file of the command sees beside `Reglow`: it stands in the package, and uses more of it than programs do.
@_exported import KernelInterface
@_exported import TrainingImages

// What `Reglow` does not show, for all files of this target.
@_exported import KernelInterface
@_exported import TrainingImages

// What `import Reglow` shows, beside this module: what is public in the modules below, and of `KernelInterface`, whose contracts of kernels
// are public for the compiler's sake, these types only.
@_exported import CheckpointImport
@_exported import Files
@_exported import ForwardOperators
@_exported import GlowModel
@_exported import GlowTraining
@_exported import Imaging
@_exported import InverseSolvers
@_exported import KernelDispatch
@_exported import struct KernelInterface.ImageShape
@_exported import class KernelInterface.PhaseRecorder
@_exported import enum KernelInterface.Precision
@_exported import TrainingReports

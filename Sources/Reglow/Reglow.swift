@_exported import Files
@_exported import ForwardOperators
@_exported import GlowModel
@_exported import GlowTraining
@_exported import Imaging
@_exported import InverseSolvers
@_exported import KernelDispatch
@_exported import KernelInterface

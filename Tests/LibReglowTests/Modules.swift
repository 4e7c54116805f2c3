@_exported import CReglow
@_exported import LibReglow
@_exported import Reglow

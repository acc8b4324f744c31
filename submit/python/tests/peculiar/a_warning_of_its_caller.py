import warnings
warnings.warn('old', stacklevel=2)
warnings.warn('older', stacklevel=5)

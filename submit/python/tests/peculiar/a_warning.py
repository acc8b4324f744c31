import warnings
warnings.warn('old')
warnings.warn('older', DeprecationWarning)

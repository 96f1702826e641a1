"""Plots of the window: timeline, state trajectory, forecast. All paint by hand on one time scale.

x is days since the first visit (float) everywhere; one widget a file, one lane a file.
"""

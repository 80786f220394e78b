"""Pictures of numbers: every plot takes what `hpo.analysis` gives and the axes to draw on. Nothing here ever sees a study.

Each kind of plot is a file with three functions: `compute` asks the analysis for numbers, `draw` puts them on axes, `caption`
says how many trials are in the picture and what is left out. `registry` names them all.
"""

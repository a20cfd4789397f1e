"""The programs: each as Faust text and as the same definition in DGen's patch text.

Patch text has no loops over voices, so that equal parts are written out by Python; Faust's text uses its own loops and its
standard libraries wherever the program is one of theirs.
"""

from .dynamics import compressor
from .filters import biquads, equaliser, fir, ladder, modes, onepoles, svf
from .networks import feedback_delay_network, hadamard, mesh
from .oscillators import fm4, poly, saw, sines
from .program import PROGRAMS, Program
from .reverbs import dattorro, freeverb, strings, zita

__all__ = ["PROGRAMS", "Program", "hadamard"]

sines(64)
sines(16)
biquads(8)
equaliser(8)
onepoles(8)
svf()
ladder()
fm4(1)
fm4(16)
saw()
strings(16)
freeverb()
zita()
dattorro()
feedback_delay_network(16)
compressor()
fir(64)
fir(256)
modes(64)
mesh(8)
poly(32, 6)

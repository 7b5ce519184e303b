"""How long a berkas is kept: the office's schedule (JRA), clocks that start at a trigger, holds that stop them."""

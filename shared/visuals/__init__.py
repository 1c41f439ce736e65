"""Everything that is drawn. Takes arrays and strings, never a model; every picture leaves with alt text and a caption."""

from shared.visuals.bars import probability_bars
from shared.visuals.course_map import course_map
from shared.visuals.explorer import attention_view
from shared.visuals.figure import Picture, figure, use_style
from shared.visuals.flow import flow_page, flow_view
from shared.visuals.heatmap import attention_heatmap, draw_heatmap
from shared.visuals.matrices import Matrix, draw_matrix, matrices_figure
from shared.visuals.palette import color
from shared.visuals.poster import shapes_poster
from shared.visuals.stepper import map_stepper, stepper
from shared.visuals.walk import Step, product_view, walk_view

use_style()

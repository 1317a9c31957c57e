from .style import palette as palette, plot_style as plot_style
from .reels import (
    plot_connection as plot_connection,
    plot_hull as plot_hull,
    plot_reel as plot_reel,
    plot_scores as plot_scores,
    plot_staircase as plot_staircase,
)
from .runs import (
    plot_curves as plot_curves,
    plot_selected as plot_selected,
    plot_selected_by_layer as plot_selected_by_layer,
    plot_ticket as plot_ticket,
    save_figure as save_figure,
)
from .rounds import plot_federation as plot_federation, plot_round as plot_round

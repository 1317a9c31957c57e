from .config import RunConfig as RunConfig
from .folders import read_result as read_result
from .runs import load_run as load_run, train_run as train_run
from .experiments import EXPERIMENTS as EXPERIMENTS, plan as plan
from .runner import run_experiment as run_experiment
from .cluster import submit_experiment as submit_experiment
from .results import load_results as load_results
from .tables import report as report
from .figures import FIGURES as FIGURES
from .bench import bench_table as bench_table

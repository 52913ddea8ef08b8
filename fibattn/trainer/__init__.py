"""Who is trained next, and where: scheduling, worker threads, processes and caches."""

from fibattn.trainer.trainer import DEATHS, Standing, Trainer, sensible_workers, shared_trainer

__all__ = ["DEATHS", "Standing", "Trainer", "sensible_workers", "shared_trainer"]

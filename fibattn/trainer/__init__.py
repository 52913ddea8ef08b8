"""Training for all visitors of one server: what is trained next, in which process, what is kept."""

from fibattn.trainer.trainer import DEATHS, Standing, Trainer, sensible_workers, shared_trainer

__all__ = ["DEATHS", "Standing", "Trainer", "sensible_workers", "shared_trainer"]

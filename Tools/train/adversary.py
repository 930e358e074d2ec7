"""What the discriminators tell the codec, as a gradient at its output that is weighed against that of the reconstruction losses."""
import torch

from discriminator import Discriminator


class Adversary:
    """The discriminator, its optimizer, and the running size of every judge's gradient."""

    def __init__(self, settings, device):
        self.share, self.matching = settings["adversarial"], settings["matching"]
        self.warm_steps = settings["judge_steps"]
        self.discriminator = Discriminator(settings["judge_channels"], settings["judge_widths"], settings["judge_seconds"]).to(device)
        self.optimizer = torch.optim.AdamW(self.discriminator.parameters(), lr=settings["judge_rate"], betas=(0.8, 0.99))
        self.rate = settings["judge_rate"]
        self.sizes = {}

    def size(self, name, gradient):
        """The running mean of the gradient's norm."""
        norm = float(gradient.norm())
        self.sizes[name] = norm if name not in self.sizes else 0.95 * self.sizes[name] + 0.05 * norm
        return max(self.sizes[name], 1e-12)

    def step(self, y, target, reconstruction, step, schedule, autocast):
        """One step of the judges drawn, and the gradient that the codec's output is to follow.

        y [batch, time]: the output, a leaf that requires a gradient. reconstruction: the gradient of the reconstruction losses at y.
        Each judge's gradient is brought to `adversarial` times the size of that one, rising from nothing over the first `judge_steps`
        steps, while the judges know little. Returns the sum and what to log.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * schedule
        share = self.share * min(1.0, (step + 1) / self.warm_steps)
        base = self.size("reconstruction", reconstruction)
        total, log = reconstruction.clone(), {}
        names = self.discriminator.draw()
        self.optimizer.zero_grad(set_to_none=True)
        with autocast():
            pieces = self.discriminator.pieces(y, target)
            for name in names:
                own, adversarial, matching = self.discriminator.losses(name, *pieces)
                gradient, = torch.autograd.grad(adversarial + self.matching * matching, y, retain_graph=True)
                total.add_(gradient, alpha=share * base / self.size(name, gradient))
                own.backward(inputs=list(self.discriminator.judges[name].parameters()), retain_graph=name != names[-1])
                kind = name.rstrip("0123456789")
                log |= {f"{kind} own": own, f"{kind} adversarial": adversarial, f"{kind} matching": matching}
        self.optimizer.step()
        return total, log

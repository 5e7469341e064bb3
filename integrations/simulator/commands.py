"""`easel simulate`: the simulated gateway alone, with its latency and its faults as options."""

from typing import Annotated

import typer

from bot.process.out import say, say_all


def simulate(  # noqa: PLR0913 - each is an option of the command line
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 9000,
    key: Annotated[str, typer.Option(help="The API key that it asks for.")] = "sim-key",
    speed: Annotated[float, typer.Option(min=0.001, help="10 is ten times faster than life.")] = 1.0,
    latency: Annotated[bool, typer.Option(help="Without, every picture is ready at once.")] = True,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="NAME, NAME=PROBABILITY, NAME:TIMES or NAME@MODEL; may be given again."),
    ] = None,
    honour_keys: Annotated[
        bool, typer.Option(help="Honour Idempotency-Key (the real one does not).")
    ] = False,
    seed: Annotated[int, typer.Option(help="Another seed paints other pictures.")] = 0,
    url_life_s: Annotated[float, typer.Option(help="How long links to results live.")] = 3600.0,
    tiny_images: Annotated[bool, typer.Option(help="64 x 64 pictures, for load tests.")] = False,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="Name every fault and stop.")] = False,
) -> None:
    """Serve a simulation of the image gateway: its protocol, its delays, its faults, painted pictures."""
    from integrations.simulator import standalone  # noqa: PLC0415 - `easel --help` must not pay for it

    if list_faults:
        say_all(standalone.listed_faults())
        return
    try:
        standalone.serve(
            host=host,
            port=port,
            api_key=key,
            speed=speed,
            latency=latency,
            faults=tuple(fault or ()),
            honour_keys=honour_keys,
            seed=seed,
            url_life_s=url_life_s,
            tiny_images=tiny_images,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--fault") from error
    except OSError as error:
        say(f"The simulator can't listen on {host}:{port}: {error.strerror or error}", err=True)
        raise typer.Exit(1) from error

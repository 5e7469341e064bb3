"""Discord by the unmodified client of the program, run as a process, against a strict local Discord."""

from tests.fakes.discord_process import house


async def test_a_command_gets_its_placeholder_and_then_its_picture(tmp_path):
    async with house(tmp_path) as (server, easel, sim):
        guild = await server.guild("Foxes")
        channel = await server.channel(guild)
        mina = server.user("mina")
        server.join(guild, mina)
        inv = await server.slash(mina, channel, "imagine", {"prompt": "a red fox"})
        await inv.response()
        print(inv.ack_s, inv.message.text, inv.message.labels)
        message = await inv.pictured()
        print(message.text, message.labels, message.images)
        print(server.violations, server.pings)
        print([(r.method, r.path[:60], r.status) for r in server.requests])

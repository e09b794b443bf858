"""Machines for MCP clients: a server of the Model Context Protocol, with a tool and two resources for each machine.

    mcp_server ──┬─ machine_tool ── elicitation     a turn, or as many as the client asks its user for
                 │        ├──────── served_machine  the conversations behind a tool
                 │        └──────── call_result     one of them as it stands, for the user and for the model
                 └─ machine_resources               the definition and its picture
    transports                                  the server over stdio and over streamable HTTP

It is written with the protocol's own SDK, the extra `mcp`, which is imported by nothing else in the package.
"""

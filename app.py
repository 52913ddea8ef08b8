"""fibattn's entry point: `streamlit run app.py`.

The server imports this file once, and then runs it as a script for every visitor.
"""

import streamlit as st

if __name__ == "__main__":
    from fibattn.ui import navigation

    navigation.show()
else:
    from starlette.middleware import Middleware

    from fibattn.ui import assets, first_page, server

    app = st.App(
        __file__,
        lifespan=server.lifespan,
        middleware=[Middleware(first_page.FirstPage), Middleware(assets.KeptAssets)],
        on_script_error=server.say_sorry,
    )

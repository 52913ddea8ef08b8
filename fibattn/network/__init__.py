"""Keras's side: layers, models, the compiled training, and questions to a trained network.

A saved model has layers of `fibattn.network.layers`. Import that module before
`keras.models.load_model`, so that Keras knows them.
"""

"""Names of entry points and their parameters."""

MAIN = "main"
FACTORIES = ("build_model", "load_model", "create_model", "get_model")
FOLDER_FILES = ("main.py", "__init__.py", "io.py", "model.py")
WEIGHTS = ("model_dir", "model_path", "weights", "weights_path", "checkpoint", "ckpt_path", "path")
INPUTS = ("input_path", "input_dir", "input_folder", "data_path")
OUTPUTS = ("output_path", "output_dir", "output_folder", "save_path")
DEVICES = ("device",)

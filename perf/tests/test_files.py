"""Files that are kept, and the list of commands."""

import ast
import pathlib
import tempfile
import unittest

from reglow_perf import files
from reglow_perf.__main__ import COMMANDS


class FileTests(unittest.TestCase):
    def test_compressed_or_not_it_is_read_and_the_bytes_are_the_same_every_time(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("a.json", "a.json.gz"):
                path = pathlib.Path(folder, name)
                files.write(path, '{"a": 1}\n')
                first = path.read_bytes()
                files.write(path, '{"a": 1}\n')
                self.assertEqual(path.read_bytes(), first)
                self.assertEqual(files.read_json(path), {"a": 1})
            self.assertEqual(sorted(path.name for path in pathlib.Path(folder).iterdir()), ["a.json", "a.json.gz"])

    def test_images_of_folders_are_sorted_and_names_are_unique(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            for file in ("b.png", "a.png", "c.txt"):
                (folder / file).touch()
            self.assertEqual([path.name for path in files.image_files([folder])], ["a.png", "b.png"])
            with self.assertRaises(SystemExit):
                files.image_files([folder, folder / "a.png"])
            with self.assertRaises(SystemExit):
                files.image_files([folder], (".jpg",))


class CommandTests(unittest.TestCase):
    def test_every_command_has_a_module_with_a_main(self):
        for module, _ in COMMANDS.values():
            source = (files.PERF / "reglow_perf" / module.replace(".", "/")).with_suffix(".py").read_text()
            functions = [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
            self.assertIn("main", functions, module)

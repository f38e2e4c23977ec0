// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** {@code samples/deploy} itself, and copies of it to break. */
final class ProjectFolder {
  private ProjectFolder() {}

  static Path path() {
    return Path.of(System.getProperty("fabric.root", "../..")).resolve("samples/deploy");
  }

  static DeployFolder folder() {
    return new DeployFolder(path());
  }

  /** Copies what is not built. */
  static Path copyTo(Path target) throws IOException {
    for (String part : new String[] {"base", "clusters", "components", "overlays", "rendered"}) {
      try (Stream<Path> files = Files.walk(path().resolve(part))) {
        for (Path file : files.toList()) {
          Path copy = target.resolve(path().relativize(file).toString());
          if (Files.isDirectory(file)) {
            Files.createDirectories(copy);
          } else {
            Files.copy(file, copy);
          }
        }
      }
    }
    for (String file : new String[] {"secrets.txt", "surroundings.yaml", "diagram.svg"}) {
      Files.copy(path().resolve(file), target.resolve(file));
    }
    return target;
  }
}

// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import com.trackunit.fabric.samples.deploy.manifest.ManifestException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Renders overlays with the kubectl in the PATH; it needs no cluster for that. */
final class Kubectl {
  private static final int SECONDS = 60;
  private final Path program;

  private Kubectl(Path program) {
    this.program = program;
  }

  /** Empty where there is none. */
  static Optional<Kubectl> find() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Arrays.stream(path.split(File.pathSeparator))
        .map(folder -> Path.of(folder, "kubectl"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(Kubectl::new);
  }

  /** What {@code kubectl kustomize} makes of a folder. */
  String render(Path overlay) {
    try {
      Path errors = Files.createTempFile("kubectl", ".err");
      Process process =
          new ProcessBuilder(program.toString(), "kustomize", overlay.toString())
              .redirectError(errors.toFile())
              .start();
      String rendered = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
      String told = Files.readString(errors);
      Files.delete(errors);
      if (!ended || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new ManifestException(overlay + ": kubectl kustomize failed: " + told.strip());
      }
      return rendered;
    } catch (IOException e) {
      throw new ManifestException(overlay + ": " + program + " cannot be run: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ManifestException(overlay + ": interrupted while rendering");
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifests;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The tables that rules compare with, which lie beside them. */
final class Resources {
  private Resources() {}

  static JsonNode yaml(String name) {
    try (InputStream stream =
        Objects.requireNonNull(Resources.class.getResourceAsStream(name), name)) {
      return Manifests.tree(name, new String(stream.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

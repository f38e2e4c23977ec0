// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.ManifestException;
import com.trackunit.fabric.samples.deploy.manifest.Manifests;
import com.trackunit.fabric.samples.deploy.reach.Agreement;
import com.trackunit.fabric.samples.deploy.reach.ReachTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The folder {@code samples/deploy}: its sources, and what was made of them and is kept. */
final class DeployFolder {
  private static final List<String> SOURCES = List.of("base", "clusters", "components", "overlays");

  private final Path folder;

  /**
   * @throws ManifestException if it is not that folder
   */
  DeployFolder(Path folder) {
    if (!Files.isDirectory(folder.resolve("overlays"))) {
      throw new ManifestException(folder + ": expected the folder samples/deploy, with overlays/");
    }
    this.folder = folder;
  }

  List<String> overlays() {
    return list(folder.resolve("overlays")).map(path -> path.getFileName().toString()).toList();
  }

  Overlay kept(String overlay) {
    return new Overlay(
        overlay, Manifests.parse("rendered/" + overlay + ".yaml", read(rendered(overlay))));
  }

  /** Renders it again. */
  String render(Kubectl kubectl, String overlay) {
    return kubectl.render(folder.resolve("overlays").resolve(overlay));
  }

  Path rendered(String overlay) {
    return folder.resolve("rendered").resolve(overlay + ".yaml");
  }

  Path reachFile(String overlay) {
    return folder.resolve("rendered").resolve(overlay + ".reach.txt");
  }

  Path digestFile() {
    return folder.resolve("rendered").resolve("sources.sha256");
  }

  /** The overlay's reach table, with what a cluster has besides us. */
  ReachTable reach(Overlay overlay) {
    return ReachTable.of(world(overlay), List.of(podCidr(overlay.name())));
  }

  /** What the overlay's two ends of each connection do not agree about. */
  List<String> disagreements(Overlay overlay) {
    return Agreement.disagreements(world(overlay));
  }

  Map<String, Set<String>> secrets() {
    Map<String, Set<String>> secrets = new TreeMap<>();
    read(folder.resolve("secrets.txt"))
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(line -> List.of(line.split(" +")))
        .forEach(words -> secrets.put(words.get(0), new TreeSet<>(words.subList(1, words.size()))));
    return secrets;
  }

  /** A line for each source file: digest and name, as {@code sha256sum} prints it. */
  String sourceDigests() {
    StringBuilder digests = new StringBuilder();
    for (String source : SOURCES) {
      try (Stream<Path> files = Files.walk(folder.resolve(source))) {
        for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
          digests.append(sha256(file)).append("  ").append(folder.relativize(file)).append('\n');
        }
      } catch (IOException e) {
        throw new ManifestException(folder.resolve(source) + ": cannot be read: " + e);
      }
    }
    return digests.toString();
  }

  String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new ManifestException(file + ": cannot be read: " + e);
    }
  }

  void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new ManifestException(file + ": cannot be written: " + e);
    }
  }

  Path path(String name) {
    return folder.resolve(name);
  }

  private List<Manifest> world(Overlay overlay) {
    List<Manifest> world = new ArrayList<>(overlay.objects());
    world.addAll(Manifests.parse("surroundings.yaml", read(folder.resolve("surroundings.yaml"))));
    return world;
  }

  /** Where the overlay's cluster gives pods their addresses from. */
  private String podCidr(String overlay) {
    Path home = folder.resolve("overlays").resolve(overlay);
    JsonNode kustomization = Manifests.tree(overlay, read(home.resolve("kustomization.yaml")));
    for (JsonNode component : kustomization.path("components")) {
      Path settings = home.resolve(component.asText()).normalize().resolve("settings.yaml");
      if (Files.exists(settings)) {
        return Manifests.tree(settings.toString(), read(settings))
            .path("spec")
            .path("podCidr")
            .asText();
      }
    }
    throw new ManifestException(home + ": none of its components has a settings.yaml");
  }

  private static Stream<Path> list(Path folder) {
    try (Stream<Path> children = Files.list(folder)) {
      return children.filter(Files::isDirectory).sorted().toList().stream();
    } catch (IOException e) {
      throw new ManifestException(folder + ": cannot be read: " + e);
    }
  }

  private static String sha256(Path file) throws IOException {
    try {
      // Line ends count as one kind, so that a checkout on another system has the same digest.
      String text = Files.readString(file).replace("\r\n", "\n");
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.trackunit.fabric.samples.deploy.manifest.FieldCheck;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.ManifestException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Takes every field, every item and every line of every configuration file out of the rendered
 * manifests, one at a time. The check must miss it, or it stands in {@code free-to-delete.txt} with
 * the reason why nobody has to.
 */
class DeletionsTest {
  private static final DeployFolder FOLDER = ProjectFolder.folder();

  /** Nothing else can change who reaches whom. */
  private static final Pattern REACH =
      Pattern.compile("^(NetworkPolicy|Namespace|Service/)|/template/metadata|/ports|/hostNetwork");

  private final ProjectCheck check = new ProjectCheck(FOLDER, Optional.empty());

  /** Something that can be taken out, and put back. */
  private record Cut(String path, Runnable make, Runnable undo) {}

  @Test
  void whatIsTakenOutIsMissedUnlessItIsFree() throws IOException {
    Set<String> unnoticed = new TreeSet<>();
    Set<String> seen = new HashSet<>();
    int tried = 0;
    for (String name : FOLDER.overlays()) {
      Overlay overlay = FOLDER.kept(name);
      // Else everything would count as noticed.
      assertThat(check.objects(overlay)).as(name).isEmpty();
      for (Manifest object : overlay.objects()) {
        List<Cut> cuts = cuts(object);
        // Most objects have the same fields in several overlays.
        boolean isNew = seen.add(object.id() + cuts.stream().map(Cut::path).toList());
        for (Cut cut : isNew ? cuts : List.<Cut>of()) {
          tried++;
          cut.make().run();
          if (!isNoticed(overlay, object, object.kind() + cut.path())) {
            unnoticed.add(object.kind() + " " + object.name() + " " + cut.path());
          }
          cut.undo().run();
        }
      }
    }
    Map<String, String> free = free();
    assertThat(tried).isGreaterThan(1_500);
    assertThat(unnoticed)
        .as("taken out and not missed")
        .allMatch(place -> free.keySet().stream().anyMatch(place::matches));
    assertThat(free.keySet())
        .as("a line of free-to-delete.txt that says nothing any more")
        .allMatch(pattern -> unnoticed.stream().anyMatch(place -> place.matches(pattern)));
    assertThat(free.values()).as("reasons").noneMatch(String::isBlank);
  }

  /** The cheapest look first. */
  private boolean isNoticed(Overlay overlay, Manifest object, String place) {
    try {
      return !FieldCheck.problems(object).isEmpty()
          || !check.objects(overlay).isEmpty()
          || (REACH.matcher(place).find() && !check.reach(overlay).isEmpty());
    } catch (ManifestException e) {
      return true;
    }
  }

  private static List<Cut> cuts(Manifest object) {
    List<Cut> cuts = new ArrayList<>();
    cuts(object.tree(), "", cuts);
    JsonNode data = object.tree().path("data");
    data.properties().forEach(file -> lines((ObjectNode) data, file.getKey(), cuts));
    return cuts;
  }

  private static void cuts(JsonNode node, String path, List<Cut> cuts) {
    if (node instanceof ObjectNode object) {
      object
          .properties()
          .forEach(
              field -> {
                String child = path + "/" + field.getKey();
                JsonNode value = field.getValue();
                cuts.add(
                    new Cut(
                        child,
                        () -> object.remove(field.getKey()),
                        () -> object.set(field.getKey(), value)));
                cuts(value, child, cuts);
              });
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        int index = i;
        JsonNode item = array.get(i);
        // Variables, containers and volumes are better known by name.
        String child = path + "/" + item.path("name").asText(String.valueOf(i));
        cuts.add(new Cut(child, () -> array.remove(index), () -> array.insert(index, item)));
        cuts(item, child, cuts);
      }
    }
  }

  /** Lines of a file that say something. */
  private static void lines(ObjectNode data, String key, List<Cut> cuts) {
    String text = data.path(key).asText();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (!line.isBlank() && !line.startsWith("#")) {
        List<String> left = new ArrayList<>(lines);
        left.remove(i);
        cuts.add(
            new Cut(
                "/data/" + key + ": " + line.strip(),
                () -> data.put(key, String.join("\n", left)),
                () -> data.put(key, text)));
      }
    }
  }

  /** Patterns of kind, name and path, with the reason. */
  private static Map<String, String> free() throws IOException {
    String name = "free-to-delete.txt";
    try (InputStream stream =
        Objects.requireNonNull(DeletionsTest.class.getResourceAsStream(name), name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> line.split(" +because +", 2))
          .collect(
              Collectors.toMap(
                  parts -> parts[0],
                  parts -> parts.length > 1 ? parts[1] : "",
                  (one, other) -> one + other,
                  LinkedHashMap::new));
    }
  }
}

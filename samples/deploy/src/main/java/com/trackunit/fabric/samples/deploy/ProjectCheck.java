// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import com.trackunit.fabric.samples.deploy.manifest.FieldCheck;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.Manifests;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Everything that must hold of {@code samples/deploy}. */
final class ProjectCheck {
  private final DeployFolder folder;
  private final Optional<Kubectl> kubectl;
  private final List<Rule> rules;
  private final List<Finding> findings = new ArrayList<>();

  ProjectCheck(DeployFolder folder, Optional<Kubectl> kubectl) {
    this.folder = folder;
    this.kubectl = kubectl;
    this.rules =
        List.of(
            new PodRules(),
            new NamespaceRules(),
            new ContainerRules(),
            new RabbitMqRules(),
            new PodWiringRules(),
            new SelectorRules(),
            new PolicyRules(),
            new RightsRules(),
            new ReferenceRules(folder.secrets()),
            new EdgeRules(folder.read(folder.path("components/kong-dbless/kong.yml"))));
  }

  List<Finding> run() {
    if (!folder.sourceDigests().equals(folder.read(folder.digestFile()))) {
      findings.add(
          new Finding(
              "rendered/sources.sha256",
              "rendered",
              "a source is not the one that was rendered: run script/check-manifests --update"));
    }
    folder.overlays().forEach(this::overlay);
    if (folder.overlays().contains("production")
        && !CheckManifests.diagram(folder).equals(folder.read(folder.path("diagram.svg")))) {
      findings.add(new Finding("diagram.svg", "diagram", "does not show the manifests any more"));
    }
    return findings;
  }

  private void overlay(String name) {
    Overlay overlay = folder.kept(name);
    kubectl.ifPresent(program -> rendering(overlay, program));
    findings.addAll(objects(overlay));
    findings.addAll(reach(overlay));
  }

  /** What is found in the objects of an overlay. */
  List<Finding> objects(Overlay overlay) {
    List<Finding> found = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (Manifest object : overlay.objects()) {
      for (String problem : FieldCheck.problems(object)) {
        found.add(overlay.finding(object, "fields", problem));
      }
      if (!ids.add(object.apiVersion() + " " + object.id())) {
        found.add(overlay.finding(object, "twice", "is in the manifests twice"));
      }
    }
    for (Rule rule : rules) {
      rule.check(overlay).forEach(found::add);
    }
    return found;
  }

  /** How an overlay's reach table differs from the kept one, and where its ends disagree. */
  List<Finding> reach(Overlay overlay) {
    String kept = folder.read(folder.reachFile(overlay.name()));
    List<Finding> found = new ArrayList<>();
    for (String difference : folder.reach(overlay).differencesFrom(kept)) {
      found.add(new Finding(overlay.name(), "reach", difference));
    }
    for (String sentence : folder.disagreements(overlay)) {
      found.add(new Finding(overlay.name(), "network policy", sentence));
    }
    return found;
  }

  /** Compares objects, not text: versions of kubectl may write the same object differently. */
  private void rendering(Overlay kept, Kubectl program) {
    List<Manifest> now = Manifests.parse(kept.name(), folder.render(program, kept.name()));
    var nowById = now.stream().collect(Collectors.toMap(Manifest::id, Function.identity()));
    for (Manifest object : kept.objects()) {
      Manifest again = nowById.remove(object.id());
      if (again == null || !again.tree().equals(object.tree())) {
        findings.add(
            kept.finding(
                object,
                "rendered",
                again == null ? "is not rendered any more" : "renders to another form now"));
      }
    }
    for (Manifest left : nowById.values()) {
      findings.add(kept.finding(left, "rendered", "is rendered now, and not kept"));
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.trackunit.fabric.samples.deploy.manifest.FieldCheck;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.ManifestException;
import com.trackunit.fabric.samples.deploy.manifest.Manifests;
import com.trackunit.fabric.samples.deploy.manifest.PodTemplates;
import com.trackunit.fabric.samples.deploy.reach.ReachTable;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The command behind {@code script/check-manifests}. Ends with 0 if all is well, 1 if something is
 * found, 64 for arguments that it does not know.
 */
public final class CheckManifests {
  /** Addresses of pods in kind and in most clusters' documentation. */
  private static final String POD_CIDR = "10.244.0.0/16";

  private static final int FOUND = 1;
  private static final int USAGE = 64;

  private final PrintStream out;
  private final PrintStream errors;

  /**
   * @param out findings and tables
   * @param errors what keeps it from looking: the table may be read by a program
   */
  CheckManifests(PrintStream out, PrintStream errors) {
    this.out = out;
    this.errors = errors;
  }

  /**
   * Runs the command and ends the JVM.
   *
   * @param arguments see {@code script/check-manifests --help}
   */
  public static void main(String[] arguments) {
    System.exit(new CheckManifests(System.out, System.err).run(List.of(arguments)));
  }

  int run(List<String> arguments) {
    Deque<String> words = new ArrayDeque<>(arguments);
    String root = System.getProperty("fabric.root", ".");
    Path folder = Path.of(root, "samples", "deploy");
    try {
      if (words.isEmpty()) {
        return check(new DeployFolder(folder));
      }
      String verb = words.pop();
      if (verb.equals("--update") && words.isEmpty()) {
        return update(new DeployFolder(folder));
      }
      if (verb.equals("--reach") && !words.isEmpty()) {
        return reach(words);
      }
    } catch (ManifestException e) {
      errors.println(e.getMessage());
      return FOUND;
    }
    errors.println("unknown arguments " + arguments + ": see script/check-manifests --help");
    return USAGE;
  }

  private int check(DeployFolder folder) {
    Optional<Kubectl> kubectl = Kubectl.find();
    List<Finding> findings = new ProjectCheck(folder, kubectl).run();
    findings.forEach(out::println);
    if (!findings.isEmpty()) {
      out.println(findings.size() + " findings");
      return FOUND;
    }
    out.println(
        "The manifests hold: "
            + String.join(", ", folder.overlays())
            + (kubectl.isPresent()
                ? "; rendered again with kubectl and equal"
                : "; no kubectl here, so not rendered again, but no source has changed since"));
    return 0;
  }

  private int update(DeployFolder folder) {
    Kubectl kubectl =
        Kubectl.find()
            .orElseThrow(() -> new ManifestException("--update renders with kubectl: install it"));
    for (String overlay : folder.overlays()) {
      folder.write(folder.rendered(overlay), folder.render(kubectl, overlay));
      folder.write(folder.reachFile(overlay), folder.reach(folder.kept(overlay)).toText());
    }
    folder.write(folder.path("diagram.svg"), diagram(folder));
    folder.write(folder.digestFile(), folder.sourceDigests());
    out.println("Rendered " + String.join(", ", folder.overlays()) + "; look at the differences.");
    return 0;
  }

  /** The overlay in which the bridge is outside, as in the seed. */
  static String diagram(DeployFolder folder) {
    Overlay overlay = folder.kept("production");
    return Diagram.draw(overlay, folder.reach(overlay));
  }

  private int reach(Deque<String> words) {
    Path folder = Path.of(System.getProperty("fabric.called-from", ".")).resolve(words.pop());
    boolean json = false;
    List<String> podCidrs = new ArrayList<>();
    while (!words.isEmpty()) {
      String option = words.pop();
      if (option.equals("--json")) {
        json = true;
      } else if (option.equals("--pod-cidr") && !words.isEmpty()) {
        podCidrs.add(words.pop());
      } else {
        errors.println(
            "unknown option " + option + " after --reach: expected --json, --pod-cidr CIDR");
        return USAGE;
      }
    }
    List<Manifest> manifests = Manifests.read(folder);
    List<String> problems = problems(manifests);
    if (!problems.isEmpty()) {
      problems.forEach(errors::println);
      return FOUND;
    }
    ReachTable table = ReachTable.of(manifests, podCidrs.isEmpty() ? List.of(POD_CIDR) : podCidrs);
    out.print(json ? json(table) : table.toText());
    return 0;
  }

  /** Only of what the table is made of: a folder may hold other kinds, known here or not. */
  private static List<String> problems(List<Manifest> manifests) {
    List<String> problems = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (Manifest manifest : manifests) {
      boolean isRead =
          manifest.is("v1", "Namespace")
              || manifest.is("v1", "Service")
              || manifest.kind().equals("NetworkPolicy")
              || PodTemplates.of(manifest).isPresent();
      if (isRead) {
        FieldCheck.problems(manifest).forEach(problem -> problems.add(manifest + ": " + problem));
        if (!ids.add(manifest.id())) {
          problems.add(manifest + ": is in the folder twice: an API server would keep the last");
        }
      }
    }
    return problems;
  }

  private static String json(ReachTable table) {
    try {
      return new ObjectMapper()
              .enable(SerializationFeature.INDENT_OUTPUT)
              .writeValueAsString(Map.of("reach", table.rows(), "notEvaluated", table.leftOut()))
          + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("rows are plain records", e);
    }
  }
}

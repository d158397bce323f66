//! Volumes of a Pod, by kind.

use k8s_openapi::api::core::v1 as api;

use super::time::UNKNOWN;
use crate::cluster::snapshot::pod::Volume;

/// One volume: its kind in kubectl's word, and what it is made of.
pub fn volume(volume: &api::Volume) -> Volume {
    let (kind, of) = usual(volume)
        .or_else(|| mounted(volume))
        .or_else(|| of_a_provider(volume))
        .unwrap_or((UNKNOWN, String::new()));
    Volume {
        name: volume.name.clone(),
        kind: kind.to_owned(),
        of,
    }
}

/// The kinds that are found in every cluster.
fn usual(volume: &api::Volume) -> Option<(&'static str, String)> {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    if let Some(host) = &volume.host_path {
        Some(("HostPath", host.path.clone()))
    } else if let Some(empty) = &volume.empty_dir {
        Some(("EmptyDir", text(&empty.medium)))
    } else if let Some(secret) = &volume.secret {
        Some(("Secret", text(&secret.secret_name)))
    } else if let Some(map) = &volume.config_map {
        Some(("ConfigMap", map.name.clone()))
    } else if let Some(claim) = &volume.persistent_volume_claim {
        Some(("PersistentVolumeClaim", claim.claim_name.clone()))
    } else if volume.ephemeral.is_some() {
        Some(("EphemeralVolume", String::new()))
    } else if volume.downward_api.is_some() {
        Some(("DownwardAPI", String::new()))
    } else if let Some(projected) = &volume.projected {
        Some(("Projected", sources(projected)))
    } else if let Some(csi) = &volume.csi {
        Some(("CSI", csi.driver.clone()))
    } else {
        let image = volume.image.as_ref()?;
        Some(("Image", text(&image.reference)))
    }
}

/// File systems and disks that a node mounts over the network.
fn mounted(volume: &api::Volume) -> Option<(&'static str, String)> {
    if let Some(nfs) = &volume.nfs {
        Some(("NFS", format!("{}:{}", nfs.server, nfs.path)))
    } else if let Some(iscsi) = &volume.iscsi {
        Some(("ISCSI", iscsi.target_portal.clone()))
    } else if let Some(gluster) = &volume.glusterfs {
        Some(("Glusterfs", gluster.path.clone()))
    } else if let Some(rbd) = &volume.rbd {
        Some(("RBD", rbd.image.clone()))
    } else if let Some(ceph) = &volume.cephfs {
        Some(("CephFS", ceph.path.clone().unwrap_or_default()))
    } else if volume.fc.is_some() {
        Some(("FC", String::new()))
    } else if let Some(flex) = &volume.flex_volume {
        Some(("FlexVolume", flex.driver.clone()))
    } else {
        let git = volume.git_repo.as_ref()?;
        Some(("GitRepo", git.repository.clone()))
    }
}

/// Disks of one provider or product, most of them long replaced by CSI.
fn of_a_provider(volume: &api::Volume) -> Option<(&'static str, String)> {
    if let Some(disk) = &volume.gce_persistent_disk {
        Some(("GCEPersistentDisk", disk.pd_name.clone()))
    } else if let Some(disk) = &volume.aws_elastic_block_store {
        Some(("AWSElasticBlockStore", disk.volume_id.clone()))
    } else if let Some(disk) = &volume.azure_disk {
        Some(("AzureDisk", disk.disk_name.clone()))
    } else if let Some(share) = &volume.azure_file {
        Some(("AzureFile", share.share_name.clone()))
    } else if let Some(disk) = &volume.vsphere_volume {
        Some(("vSphereVolume", disk.volume_path.clone()))
    } else if let Some(disk) = &volume.cinder {
        Some(("Cinder", disk.volume_id.clone()))
    } else if let Some(disk) = &volume.photon_persistent_disk {
        Some(("PhotonPersistentDisk", disk.pd_id.clone()))
    } else if let Some(disk) = &volume.portworx_volume {
        Some(("PortworxVolume", disk.volume_id.clone()))
    } else if let Some(quobyte) = &volume.quobyte {
        Some(("Quobyte", quobyte.volume.clone()))
    } else if volume.scale_io.is_some() {
        Some(("ScaleIO", String::new()))
    } else if volume.storageos.is_some() {
        Some(("StorageOS", String::new()))
    } else {
        volume.flocker.as_ref().map(|_| ("Flocker", String::new()))
    }
}

/// What is put together in a projected volume: `token, ConfigMap kube-root-ca.crt, DownwardAPI`.
fn sources(projected: &api::ProjectedVolumeSource) -> String {
    let sources = projected.sources.iter().flatten();
    let words: Vec<String> = sources
        .filter_map(|source| {
            if let Some(secret) = &source.secret {
                Some(format!("Secret {}", secret.name))
            } else if source.downward_api.is_some() {
                Some("DownwardAPI".to_owned())
            } else if let Some(map) = &source.config_map {
                Some(format!("ConfigMap {}", map.name))
            } else {
                source.service_account_token.as_ref().map(|_| "token".to_owned())
            }
        })
        .collect();
    words.join(", ")
}
